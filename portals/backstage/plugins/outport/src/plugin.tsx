import { createFrontendPlugin, createRouteRef, PageBlueprint } from '@backstage/frontend-plugin-api';
import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { tableArnOf } from '@outport/backstage-plugin-outport-common';
import { RiDatabase2Line } from '@remixicon/react';
import { outportApi } from './api';

const rootRouteRef = createRouteRef();

const exportsPage = PageBlueprint.make({
  params: {
    path: '/outport',
    title: 'Table exports',
    icon: <RiDatabase2Line />,
    routeRef: rootRouteRef,
    loader: () => import('./components/ExportsPage').then(({ ExportsPage }) => <ExportsPage />),
  },
});

const entityExports = EntityContentBlueprint.make({
  params: {
    path: '/exports',
    title: 'Exports',
    filter: (entity) => tableArnOf(entity) !== undefined,
    loader: () => import('./components/EntityExports').then(({ EntityExports }) => <EntityExports />),
  },
});

/** A page with the exports of every table in the catalog, and a tab for each entity that stands for one. */
export const outportPlugin = createFrontendPlugin({
  pluginId: 'outport',
  title: 'Outport',
  routes: { root: rootRouteRef },
  extensions: [outportApi, exportsPage, entityExports],
});
