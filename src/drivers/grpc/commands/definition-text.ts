import type {
  Enum,
  Field,
  Method,
  NamespaceBase,
  ReflectionObject,
  Root,
  Service,
  Type,
} from 'protobufjs';

/** A service, message or enumeration as a proto file has it; undefined where there is none. */
export function definitionText(root: Root, name: string): string | undefined {
  const found = root.lookup(name.replace(/^\./, ''));
  if (found === null) return undefined;
  if (isService(found)) return serviceText(found);
  if (isType(found)) return typeText(found);
  return isEnum(found) ? enumText(found) : undefined;
}

/** The names of all services, wherever they stand. */
export function servicesOf(namespace: NamespaceBase): string[] {
  return namespace.nestedArray.flatMap((found) => {
    if (isService(found)) return [nameOf(found)];
    return 'nestedArray' in found ? servicesOf(found as NamespaceBase) : [];
  });
}

function serviceText(service: Service): string {
  const lines = service.methodsArray.map((method) => `  ${methodText(method)}`);
  return block(`service ${nameOf(service)}`, lines);
}

function methodText(method: Method): string {
  const { name, requestStream, responseStream } = method.resolve() as Method;
  const takes = (requestStream === true ? 'stream ' : '') + nameOf(method.resolvedRequestType!);
  const gives = (responseStream === true ? 'stream ' : '') + nameOf(method.resolvedResponseType!);
  return `rpc ${name}(${takes}) returns (${gives});`;
}

function typeText(type: Type): string {
  return block(
    `message ${nameOf(type)}`,
    type.fieldsArray.map((field) => `  ${fieldText(field.resolve())}`),
  );
}

function fieldText(field: Field): string {
  const { name, id, repeated, partOf } = field;
  const kind = field.resolvedType === null ? field.type : nameOf(field.resolvedType);
  if (isMapField(field)) return `map<${field.keyType}, ${kind}> ${name} = ${id};`;
  // An optional field of proto3 stands in a oneof of its own, which nobody wrote.
  const oneOf = partOf !== null && partOf.oneof.length > 1 ? `  // one of ${partOf.name}` : '';
  return `${repeated ? 'repeated ' : ''}${kind} ${name} = ${id};${oneOf}`;
}

function enumText(found: Enum): string {
  return block(
    `enum ${nameOf(found)}`,
    Object.entries(found.values).map(([name, value]) => `  ${name} = ${value};`),
  );
}

function block(head: string, lines: readonly string[]): string {
  return [`${head} {`, ...lines, '}', ''].join('\n');
}

function nameOf({ fullName }: ReflectionObject): string {
  return fullName.replace(/^\./, '');
}

function isMapField(field: Field): field is Field & { readonly keyType: string } {
  return field.map;
}

function isService(found: ReflectionObject): found is Service {
  return 'methods' in found;
}

function isType(found: ReflectionObject): found is Type {
  return 'fields' in found;
}

function isEnum(found: ReflectionObject): found is Enum {
  return 'values' in found;
}
