import { ApiBlueprint, createApiRef, discoveryApiRef, fetchApiRef } from '@backstage/frontend-plugin-api';
import { OutportBackendClient } from '@outport/backstage-plugin-outport-common';

export const outportApiRef = createApiRef<OutportBackendClient>().with({
  id: 'plugin.outport.api',
  pluginId: 'outport',
});

export const outportApi = ApiBlueprint.make({
  params: (defineParams) =>
    defineParams({
      api: outportApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: (apis) => new OutportBackendClient(apis),
    }),
});
