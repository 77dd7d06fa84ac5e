// As much of a JSON Schema validator as the contract's schema needs. A keyword that it doesn't know throws, so
// that nothing in the schema is taken as agreeing without having been looked at.

export type Schema = boolean | { [keyword: string]: unknown };

const ANNOTATIONS = new Set(['description', 'title', 'examples', 'default', '$schema', '$defs', 'id', '$id']);

export function allows(schema: Schema, value: unknown, root: object): boolean {
  if (typeof schema === 'boolean') return schema;
  return Object.entries(schema).every(
    ([keyword, argument]) => ANNOTATIONS.has(keyword) || holds(keyword, argument, value, schema, root),
  );
}

function holds(
  keyword: string,
  argument: unknown,
  value: unknown,
  schema: Record<string, unknown>,
  root: object,
): boolean {
  const sub = (inner: unknown, of = value) => allows(inner as Schema, of, root);
  const list = argument as unknown[];
  switch (keyword) {
    case 'type':
      return (Array.isArray(argument) ? argument : [argument]).some((type) => isOf(type as string, value));
    case 'enum':
      return list.includes(value);
    case 'const':
      return argument === value;
    case 'anyOf':
      return list.some((inner) => sub(inner));
    case 'oneOf':
      return list.filter((inner) => sub(inner)).length === 1;
    case 'allOf':
      return list.every((inner) => sub(inner));
    case 'not':
      return !sub(argument);
    case '$ref':
      return sub(target(argument as string, root));
    case 'required':
      return !isObject(value) || list.every((key) => Object.hasOwn(value, key as string));
    case 'properties':
      return (
        !isObject(value) ||
        Object.entries(argument as object).every(([key, inner]) => !Object.hasOwn(value, key) || sub(inner, value[key]))
      );
    case 'additionalProperties':
      return (
        !isObject(value) ||
        Object.keys(value)
          .filter((key) => !Object.hasOwn((schema['properties'] as object | undefined) ?? {}, key))
          .every((key) => sub(argument, value[key]))
      );
    case 'propertyNames':
      return !isObject(value) || Object.keys(value).every((key) => sub(argument, key));
    case 'items':
      return !Array.isArray(value) || value.every((item) => sub(argument, item));
    case 'maxItems':
      return !Array.isArray(value) || value.length <= (argument as number);
    case 'minLength':
      return typeof value !== 'string' || [...value].length >= (argument as number);
    case 'maxLength':
      return typeof value !== 'string' || [...value].length <= (argument as number);
    case 'pattern':
      return typeof value !== 'string' || new RegExp(argument as string, 'u').test(value);
    case 'minimum':
      return typeof value !== 'number' || value >= (argument as number);
    case 'maximum':
      return typeof value !== 'number' || value <= (argument as number);
    default:
      throw new Error(`keyword ${keyword} is not known to this check`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function target(reference: string, root: object): Schema {
  const keys = reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter((key) => key !== '');
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], root) as Schema;
}
