import type { ConditionContext } from './policy-conditions.ts';
import {
  decisionOf,
  malformed,
  parseStatement,
  parseStatements,
  type Statement,
  statementApplies,
} from './policy-statement.ts';
import type { Caller } from './service.ts';

/**
 * Parses the inline policy that a role is assumed with.
 * @throws PolicyError
 */
export const parseSessionPolicy = (text: string): Statement[] =>
  parseStatements(text, (statement) => {
    if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) {
      throw malformed('Policy document should not specify a principal.');
    }
    return parseStatement(statement);
  });

/**
 * Holds a call against the policy of the caller's session: what the session may do is what its role may and the policy
 * allows. There are no identity policies on one machine, so that a role may do everything, and this is all that is left.
 * @returns why the call is not allowed, in IAM's words, or null when it is, or when the session has no policy
 */
export function refusalBySession(
  caller: Caller,
  action: string,
  resourceArn: string,
  context: ConditionContext = {},
): string | null {
  if (caller.sessionPolicy === undefined) return null;
  const question = { action, resourceArn, context };
  const applying = parseSessionPolicy(caller.sessionPolicy).filter((statement) =>
    statementApplies(statement, question),
  );
  const decision = decisionOf(applying);
  if (decision === 'ALLOW') return null;
  const reason =
    decision === 'DENY'
      ? 'with an explicit deny in a session policy'
      : `because no session policy allows the ${action} action`;
  return `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resourceArn} ${reason}`;
}
