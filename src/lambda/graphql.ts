import { createControlPlane } from './control-plane.ts';
import { createGraphqlHandler } from './graphql-handler.ts';

export const handler = createGraphqlHandler(createControlPlane(process.env));
