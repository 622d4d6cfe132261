import { readFileSync } from 'node:fs';
import { type CollectionTag, parse, type ScalarTag } from 'yaml';
import type { Resource } from './packaged-service.ts';

/** CloudFormation's short forms of what takes a text, and of what takes a list. */
const TEXT_TAGS = ['Ref', 'Sub', 'GetAtt'];
const LIST_TAGS = ['Sub', 'If', 'Join', 'Split', 'Equals', 'Not'];

const longForm = (name: string): string => (name === 'Ref' ? name : `Fn::${name}`);

/** What parameters and pseudo parameters are, as texts or lists of texts. */
export type Parameters = Readonly<Record<string, string | readonly string[]>>;

/** The resources of a template as CloudFormation would create them. Knows the intrinsic functions that ours use. */
export function readTemplate(file: string, given: Parameters): Readonly<Record<string, Resource>> {
  const template = parse(readFileSync(file, 'utf8'), { customTags: [...scalarTags, ...listTags] });
  const parameters: Record<string, string | readonly string[]> = { ...given };
  for (const [name, { Type, Default = '' }] of Object.entries<{ Type: string; Default?: string }>(
    template.Parameters,
  )) {
    parameters[name] ??= Type === 'CommaDelimitedList' ? Default.split(',') : Default;
  }
  return evaluate(template.Resources, parameters, template.Conditions) as Readonly<Record<string, Resource>>;
}

const scalarTags: ScalarTag[] = TEXT_TAGS.map((name) => ({
  tag: `!${name}`,
  resolve: (text) => ({ [longForm(name)]: text }),
}));

const listTags: CollectionTag[] = LIST_TAGS.map((name) => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve: (list) => ({ [longForm(name)]: list.toJSON() }),
}));

/** Puts what functions come to in their place; `AWS::NoValue` leaves nothing behind. */
function evaluate(value: unknown, parameters: Parameters, conditions: unknown): unknown {
  const of = (inner: unknown) => evaluate(inner, parameters, conditions);
  if (Array.isArray(value)) return value.map(of).filter((element) => element !== undefined);
  if (!isObject(value)) return value;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0 && name === 'Ref') return refer(String(argument), parameters);
  if (others.length === 0 && name.startsWith('Fn::')) {
    const [first, second, third] = [argument].flat();
    switch (name) {
      case 'Fn::Sub':
        return substitute(String(first), { ...parameters, ...(isObject(second) && (of(second) as Parameters)) });
      case 'Fn::Join':
        return listOf(of(second)).join(String(first));
      case 'Fn::Split':
        return String(of(second)).split(String(first));
      case 'Fn::Equals':
        return of(first) === of(second);
      case 'Fn::Not':
        return !of(first);
      case 'Fn::If':
        return of(isObject(conditions) && of(conditions[String(first)]) ? second : third);
      default:
        throw new Error(`tests cannot evaluate ${name}`);
    }
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, of(inner)]));
}

function refer(name: string, parameters: Parameters) {
  if (name === 'AWS::NoValue') return undefined;
  if (!(name in parameters)) throw new Error(`the template was given no ${name}`);
  return parameters[name];
}

const substitute = (text: string, parameters: Parameters): string =>
  text.replace(/\$\{([^}]+)\}/g, (_, name) => String(refer(name, parameters)));

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
