import { RESOURCE_TYPE_CATALOG_ENTITY } from '@backstage/plugin-catalog-common/alpha';
import { createPermission } from '@backstage/plugin-permission-common';

/** Seeing the exports of the table that a catalog entity stands for. */
export const outportExportReadPermission = createPermission({
  name: 'outport.export.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/** Exporting the table that a catalog entity stands for, and checking beforehand whether that would work. */
export const outportExportCreatePermission = createPermission({
  name: 'outport.export.create',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/** All permissions of the plugin. Their resources are entities of the catalog, so that its rules decide on them. */
export const outportPermissions = [outportExportReadPermission, outportExportCreatePermission];
