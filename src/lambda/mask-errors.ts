import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../resolvers/request-context.ts';
import { isExposed, maskError } from '../resolvers/top-level-errors.ts';
import { logError } from './log.ts';

/** Keeps what went wrong inside for the log, under the id of the request that the caller is given instead. */
export const maskErrors: ApolloServerPlugin<RequestContext> = {
  async requestDidStart({ contextValue }) {
    const { requestId } = contextValue.origin;
    return {
      async didEncounterErrors({ errors }) {
        for (const error of errors) if (!isExposed(error)) logError(error, { requestId });
      },
      async willSendResponse({ response: { body } }) {
        if (body.kind !== 'single' || !body.singleResult.errors) return;
        body.singleResult.errors = body.singleResult.errors.map((error) => maskError(error, requestId));
      },
    };
  },
};
