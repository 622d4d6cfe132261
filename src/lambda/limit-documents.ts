import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { exceededLimits } from '../resolvers/read-document.ts';
import type { RequestContext } from '../resolvers/request-context.ts';

/** Refuses documents beyond the limits before Apollo Server validates them; its own option would come after. */
export const limitDocuments: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async validationDidStart({ schema, document }) {
        const [error] = exceededLimits(schema, document);
        if (!error) return;
        throw new GraphQLError(error.message, { ...error, extensions: { ...error.extensions, http: { status: 400 } } });
      },
    };
  },
};
