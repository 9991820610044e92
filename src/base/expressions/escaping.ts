import { jsonText, plainText } from './value-text.ts';
import type { TemplateContext } from './template.ts';

/**
 * How a value becomes text where it stands. They throw an Error whose message is the reason when
 * the value cannot stand there.
 */
export const ESCAPERS: Readonly<Record<TemplateContext, (value: unknown) => string>> = {
  text: plainText,
  'json-string': (value) => jsonText(plainText(value)).slice(1, -1),
  'url-path': (value) => encodeURIComponent(plainText(value)),
  'url-query': (value) => encodeURIComponent(plainText(value)),
  header: (value) => headerText(plainText(value)),
};

/** What RFC 9110 §5.5 allows in a field value: no line break, no other control but the tab. */
const NOT_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** `text` as it is, if it may stand in a header. */
export function headerText(text: string): string {
  const refused = NOT_IN_HEADER.exec(text);
  if (!refused) return text;
  if (refused[0] === '\n' || refused[0] === '\r') throw new Error('a header takes no line break');
  const codePoint = text.codePointAt(refused.index)!.toString(16).toUpperCase().padStart(4, '0');
  throw new Error(`a header takes no character U+${codePoint}`);
}
