import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../resolvers/request-context.ts';
import { costExtension } from '../resolvers/validation-rules/max-cost.ts';

/** Tells callers what their operation cost, and of how much, in `extensions` of the answer. */
export const reportCost: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async willSendResponse({ document, operation, request, response: { body } }) {
        if (!document || !operation || body.kind !== 'single') return;
        const extensions = costExtension(document, operation, request.variables ?? {});
        body.singleResult.extensions = { ...body.singleResult.extensions, ...extensions };
      },
    };
  },
};
