import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createExportTableAction } from './exportTable';

/** Gives the scaffolder the action `outport:exportTable`. It asks the backend plugin, which holds the token. */
export const scaffolderModuleOutport = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'outport',
  register(env) {
    env.registerInit({
      deps: { auth: coreServices.auth, discovery: coreServices.discovery, scaffolder: scaffolderActionsExtensionPoint },
      async init({ auth, discovery, scaffolder }) {
        scaffolder.addActions(createExportTableAction({ auth, discovery }));
      },
    });
  },
});
