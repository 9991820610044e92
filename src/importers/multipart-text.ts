export interface TextPart {
  readonly name: string;
  readonly content: string;
  readonly fileName?: string;
  readonly type?: string;
}

/** A multipart body of texts (RFC 7578), with its type. */
export function multipartText(parts: readonly TextPart[]): {
  readonly text: string;
  readonly type: string;
} {
  const written = parts.map(partText);
  let boundary = 'loadgen-form-data';
  while (written.some((part) => part.includes(boundary))) boundary += '-';
  const text = written.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return { text: `${text}--${boundary}--\r\n`, type: `multipart/form-data; boundary=${boundary}` };
}

function partText({ name, content, fileName, type }: TextPart): string {
  const file = fileName === undefined ? '' : `; filename="${quoted(fileName)}"`;
  const disposition = `Content-Disposition: form-data; name="${quoted(name)}"${file}`;
  const ofType = type === undefined ? '' : `\r\nContent-Type: ${type}`;
  return `${disposition}${ofType}\r\n\r\n${content}`;
}

function quoted(name: string): string {
  return name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
}
