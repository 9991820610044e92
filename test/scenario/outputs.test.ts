import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScenarioFolder, smallScenario } from './support/scenario-file.ts';

const TOKEN = 'a-token-of-some-length';

test('tokens and headers of outputs are used, and shown nowhere', async (context) => {
  const folder = new ScenarioFolder(context);
  const outputs = `outputs:
  prometheus: { listen: "127.0.0.1:9464", token: "\${TOKEN}" }
  otlp: { url: "http://127.0.0.1:4318", headers: { authorization: "Bearer \${TOKEN}" } }
`;
  const { scenario } = await folder.check(smallScenario(outputs), {
    environment: { TOKEN },
    set: ['outputs.otlp.headers.other=from-the-command-line'],
  });
  assert.equal(scenario!.outputs!.prometheus!.token, TOKEN);
  assert.equal(scenario!.outputs!.otlp!.headers['authorization'], `Bearer ${TOKEN}`);
  assert.equal(scenario!.outputs!.otlp!.every, 5e9);
  const shown = JSON.stringify([scenario!.effectiveConfig, scenario!.trialConfigs]);
  assert.ok(!shown.includes(TOKEN) && !shown.includes('from-the-command-line'), shown);
});

test('what is wrong with outputs is said with its place', async (context) => {
  const folder = new ScenarioFolder(context);
  const outputs = `outputs:
  prometheus: { listen: "0.0.0.0:9464" }
  otlp: { url: "collector:4318" }
  graphite: { address: "127.0.0.1:2003" }
`;
  const problems = (await folder.problems(smallScenario(outputs))).join('\n');
  assert.match(problems, /outputs\.prometheus\.listen.*only with a `token`/);
  assert.match(problems, /outputs\.otlp\.url.*an http:\/\/ or https:\/\/ url/);
  assert.match(problems, /graphite/);
});
