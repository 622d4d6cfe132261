import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { outportPermissions } from '@outport/backstage-plugin-outport-common';
import { createOutportClients } from './outportClients';
import { readOutportConfig } from './outportConfig';
import { createRouter } from './router';

/** Speaks to Outport for the users of Backstage: holds the token, asks the permission policy, says who asked. */
export const outportPlugin = createBackendPlugin({
  pluginId: 'outport',
  register(env) {
    env.registerInit({
      deps: {
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
      },
      async init({ catalog, config, httpAuth, httpRouter, lifecycle, permissions, permissionsRegistry }) {
        const outport = createOutportClients(readOutportConfig(config));
        lifecycle.addShutdownHook(() => outport.follower.close());
        permissionsRegistry.addPermissions(outportPermissions);
        httpRouter.use(createRouter({ outport, catalog, httpAuth, permissions }));
      },
    });
  },
});
