import {
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  OperationTypeNode,
  subscribe,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { SubscriptionRecord } from '../records/connections.ts';
import type { ExportRecord } from '../records/export-records.ts';
import { captureTopics, withEvent } from '../resolvers/capture-pub-sub.ts';
import { readDocument } from '../resolvers/read-document.ts';
import { isExposed, maskError, rateLimited, toldOf } from '../resolvers/top-level-errors.ts';
import { costExtension } from '../resolvers/validation-rules/max-cost.ts';
import type { Principal, RequestOrigin } from '../services/principal.ts';
import type { Operation } from '../services/subscriptions/receive.ts';
import type { ControlPlane } from './control-plane.ts';
import { logError } from './log.ts';

const NO_SUCH_OPERATION: GraphQLFormattedError = {
  message: 'The document has no operation of this name, or several and none was named.',
  extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
};

/** Begins an operation that came over a WebSocket: runs a query or mutation, learns what a subscription listens to. */
export async function beginOperation(
  controlPlane: ControlPlane,
  origin: RequestOrigin,
  { query, operationName, variables }: SubscribePayload,
  principal: Principal,
): Promise<Operation> {
  const seconds = await controlPlane.countRequest(principal, origin);
  if (seconds !== null) return { kind: 'REFUSED', errors: masked([rateLimited(seconds)], origin) };
  const read = readDocument(controlPlane.schema, query, variables ?? {}, controlPlane.configuration);
  if (!read.ok) return { kind: 'REFUSED', errors: masked(read.errors, origin) };
  const operation = getOperationAST(read.document, operationName);
  if (!operation) return { kind: 'REFUSED', errors: [NO_SUCH_OPERATION] };
  const args = {
    schema: controlPlane.schema,
    document: read.document,
    operationName,
    variableValues: variables,
    contextValue: controlPlane.contextFor(principal, origin),
  };
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    const extensions = costExtension(read.document, operation, variables ?? {});
    return { kind: 'ANSWERED', result: { ...formatted(await execute(args), origin), extensions } };
  }
  const { result: stream, topics } = await captureTopics(async () => subscribe(args));
  if (!isStream(stream)) return { kind: 'REFUSED', errors: masked(stream.errors ?? [], origin) };
  // With no event the resolver answers with the present state: this is where a subscriber is authorized.
  const { value: present } = await stream.next();
  if (present?.errors && !present.data) return { kind: 'REFUSED', errors: masked(present.errors, origin) };
  const [topic] = topics;
  if (topic === undefined) throw new Error('the subscription listens to nothing');
  return { kind: 'SUBSCRIBED', topic };
}

/**
 * Runs a subscription's operation again, for one event, or null: for none, as at its beginning.
 * @returns undefined when its resolver filtered the event out
 */
export async function runSubscription(
  controlPlane: ControlPlane,
  origin: RequestOrigin,
  { operation, subscriber, topic }: SubscriptionRecord,
  payload: ExportRecord | null,
): Promise<FormattedExecutionResult | undefined> {
  // Validated again: the schema may have changed since the client subscribed.
  const read = readDocument(
    controlPlane.schema,
    operation.query,
    operation.variables ?? {},
    controlPlane.configuration,
  );
  if (!read.ok) return { errors: masked(read.errors, origin) };
  const run = async () => {
    const stream = await subscribe({
      schema: controlPlane.schema,
      document: read.document,
      operationName: operation.operationName,
      variableValues: operation.variables,
      contextValue: controlPlane.contextFor(subscriber, origin),
    });
    if (!isStream(stream)) return formatted(stream, origin);
    const next = await stream.next();
    return next.done ? undefined : formatted(next.value, origin);
  };
  return payload === null ? (await captureTopics(run)).result : withEvent({ topic, payload }, run);
}

const isStream = (
  result: AsyncGenerator<ExecutionResult, void, void> | ExecutionResult,
): result is AsyncGenerator<ExecutionResult, void, void> => Symbol.asyncIterator in result;

const formatted = ({ errors, ...result }: ExecutionResult, origin: RequestOrigin): FormattedExecutionResult => ({
  ...(errors && { errors: masked(errors, origin) }),
  ...result,
});

function masked(errors: readonly GraphQLError[], { requestId }: RequestOrigin): readonly GraphQLFormattedError[] {
  for (const error of errors) if (!isExposed(error)) logError(error, { requestId });
  return errors.map((error) => maskError(toldOf(error.toJSON(), error.originalError), requestId));
}
