import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AwsSigner,
  sha256Hex,
  type RequestToSign,
} from '../../../../src/drivers/wire/aws/sigv4.ts';

/** Of AWS's Signature Version 4 test suite and of its General Reference. */
const SUITE = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const SUITE_TIME = '20150830T123600Z';

/** Of the examples in the Amazon S3 API reference. */
const S3 = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 's3',
};
const S3_TIME = '20130524T000000Z';

function signature(authorization: string): string {
  return /Signature=([0-9a-f]{64})$/.exec(authorization)![1]!;
}

function suite(
  method: string,
  requestTarget: string,
  headers: RequestToSign['headers'] = [],
  body = '',
): string {
  const all = [['Host', 'example.amazonaws.com'], ['X-Amz-Date', SUITE_TIME], ...headers] as const;
  const request = { method, requestTarget, headers: all, payloadHash: sha256Hex(body) };
  const signer = new AwsSigner({ ...SUITE, service: 'service' });
  return signature(signer.authorization({ ...request, time: SUITE_TIME }));
}

function s3(
  method: string,
  requestTarget: string,
  headers: RequestToSign['headers'] = [],
  body = '',
): string {
  const payloadHash = sha256Hex(body);
  const all = [
    ['Host', 'examplebucket.s3.amazonaws.com'],
    ['x-amz-content-sha256', payloadHash],
    ['x-amz-date', S3_TIME],
    ...headers,
  ] as const;
  const request = { method, requestTarget, headers: all, payloadHash, time: S3_TIME };
  return signature(new AwsSigner(S3).authorization(request));
}

describe('signature version 4', () => {
  it('is that of the published test suite', () => {
    const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
    assert.equal(suite('GET', '/'), vanilla);
    for (const same of ['/./', '//', '/example/..', '/example1/example2/../..']) {
      assert.equal(suite('GET', same), vanilla, same);
    }
    assert.equal(
      suite('POST', '/'),
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    );
    assert.equal(
      suite('GET', '/?Param2=value2&Param1=value1'),
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    );
    assert.equal(
      suite('GET', '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'),
      '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
    );
    assert.equal(
      suite('POST', '/', [['Content-Type', 'application/x-www-form-urlencoded']], 'Param1=value1'),
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    );
  });

  it('is that of the General Reference', () => {
    const request = {
      method: 'GET',
      requestTarget: '/?Action=ListUsers&Version=2010-05-08',
      headers: [
        ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
        ['host', 'iam.amazonaws.com'],
        ['x-amz-date', SUITE_TIME],
      ],
      payloadHash: sha256Hex(''),
      time: SUITE_TIME,
    } as const;
    assert.equal(
      new AwsSigner({ ...SUITE, service: 'iam' }).authorization(request),
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-date, ' +
        'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it('is that of the examples of S3', () => {
    assert.equal(
      s3('GET', '/test.txt', [['Range', 'bytes=0-9']]),
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
    assert.equal(
      s3(
        'PUT',
        '/test$file.text',
        [
          ['Date', 'Fri, 24 May 2013 00:00:00 GMT'],
          ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
        ],
        'Welcome to Amazon S3.',
      ),
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
    assert.equal(
      s3('GET', '/?lifecycle'),
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    );
    assert.equal(
      s3('GET', '/?max-keys=2&prefix=J'),
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    );
  });

  it('takes a new key on a new day', () => {
    const signer = new AwsSigner({ ...SUITE, service: 'service' });
    const headers = [['Host', 'example.amazonaws.com']] as const;
    const sign = (one: AwsSigner, time: string): string =>
      one.authorization({ method: 'GET', requestTarget: '/', headers, payloadHash: '', time });
    const days = ['20150830T235959Z', '20150831T000000Z', '20150831T000001Z'];
    const fresh = days.map((time) => sign(new AwsSigner({ ...SUITE, service: 'service' }), time));
    assert.deepEqual(
      days.map((time) => sign(signer, time)),
      fresh,
    );
    assert.equal(new Set(fresh).size, 3);
  });
});
