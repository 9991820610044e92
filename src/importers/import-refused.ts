/** Why nothing can be made of what was given; the command adds what that was. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
}
