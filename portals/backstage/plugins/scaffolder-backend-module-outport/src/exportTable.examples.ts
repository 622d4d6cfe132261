import { stringify } from 'yaml';

const exampleOf = (input: object) =>
  stringify({ steps: [{ id: 'export', name: 'Export', action: 'outport:exportTable', input }] });

export const examples = [
  {
    description: 'Export a table as it is now, and go on as soon as the export was accepted',
    example: exampleOf({ entityRef: 'resource:default/orders', destination: { bucket: 'lake', prefix: 'orders' } }),
  },
  {
    description: 'Export a table as it was at a moment, and wait until the files are complete and verified',
    example: exampleOf({
      entityRef: 'resource:default/orders',
      destination: { bucket: 'lake', prefix: 'orders' },
      exportTime: '2026-11-17T00:00:00Z',
      waitForExport: true,
    }),
  },
  {
    description: 'Export what has changed within a day',
    example: exampleOf({
      entityRef: 'resource:default/orders',
      destination: { bucket: 'lake', prefix: 'orders/changes' },
      exportType: 'INCREMENTAL_EXPORT',
      incrementalExport: { exportFromTime: '2026-11-16T00:00:00Z', exportToTime: '2026-11-17T00:00:00Z' },
    }),
  },
];
