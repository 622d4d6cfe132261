import { type Names, resolve } from '../../../src/local/host/intrinsics.ts';
import type { AwsCall } from './aws-calls.ts';
import type { Resource } from './packaged-service.ts';

/** One action on one resource that a role allows, as deep as a statement goes. */
export interface Grant extends AwsCall {}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What a role of a template allows, every action with every resource, names resolved. */
export function grantsOf(role: Resource, names: Names): Grant[] {
  const documents: Array<{ Statement: Statement[] }> = role.Properties.Policies.map(
    (policy: { PolicyDocument: unknown }) => policy.PolicyDocument,
  );
  return documents
    .flatMap(({ Statement }) => Statement)
    .flatMap(({ Action, Resource: resources }) =>
      [Action]
        .flat()
        .flatMap((action) =>
          [resources].flat().map((resource) => ({ action, resource: resolve(resource, names, action) })),
        ),
    );
}

/** Whether a grant allows a call: `*` in its resource stands for any text. */
export function allows(grant: Grant, call: AwsCall): boolean {
  if (grant.action !== call.action) return false;
  const pattern = grant.resource.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(call.resource);
}

export const described = ({ action, resource }: AwsCall): string => `${action} on ${resource}`;
