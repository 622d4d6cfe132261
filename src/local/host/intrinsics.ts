import { isObject } from './is-object.ts';
import { ServiceDefinitionError } from './service-definition.ts';

/** What names in `serverless.yml` stand for on this machine. */
export interface Names {
  /** `${param:…}` of Serverless. */
  readonly params: Readonly<Record<string, string>>;
  /** `Ref` of resources and pseudo parameters, such as `RecordsTable` or `AWS::Region`. */
  readonly refs: Readonly<Record<string, string>>;
  /** `Fn::GetAtt` of resources, such as `RecordsTable.Arn`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `${sls:stage}`. */
  readonly stage: string;
}

/**
 * The string a value of `serverless.yml` stands for. Knows plain scalars, `Ref`, `Fn::GetAtt`, `Fn::Sub` with one
 * string, and the Serverless variables `${param:…}` and `${sls:stage}`; throws `ServiceDefinitionError` for the rest.
 */
export function resolve(value: unknown, names: Names, location: string): string {
  if (typeof value === 'string') return serverlessVariables(value, names, location);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const [intrinsic, argument, ...rest] = isObject(value) ? Object.entries(value).flat() : [];
  if (rest.length === 0 && typeof argument === 'string') {
    if (intrinsic === 'Ref') return named(names.refs, argument, location);
    if (intrinsic === 'Fn::Sub') return substitute(serverlessVariables(argument, names, location), names, location);
  }
  if (rest.length === 0 && intrinsic === 'Fn::GetAtt' && Array.isArray(argument)) {
    return named(names.attributes, argument.join('.'), location);
  }
  throw new ServiceDefinitionError(location, `the host cannot resolve ${JSON.stringify(value)}`);
}

/** Serverless replaces `${type:name}` before CloudFormation sees the template; types begin in lower case. */
function serverlessVariables(text: string, names: Names, location: string): string {
  return text.replace(/\$\{([a-z][a-zA-Z]*):([^}]*)\}/g, (variable, type: string, name: string) => {
    if (type === 'param') return named(names.params, name, location);
    if (type === 'sls' && name === 'stage') return names.stage;
    throw new ServiceDefinitionError(location, `the host cannot resolve ${variable}`);
  });
}

function substitute(template: string, names: Names, location: string): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, name: string) =>
    named(name.includes('.') ? names.attributes : names.refs, name, location),
  );
}

function named(names: Readonly<Record<string, string>>, name: string, location: string): string {
  const value = names[name];
  if (value === undefined) throw new ServiceDefinitionError(location, `the host knows no '${name}'`);
  return value;
}
