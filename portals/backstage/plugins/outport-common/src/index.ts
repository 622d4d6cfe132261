export { OUTPORT_TABLE_ARN_ANNOTATION, tableArnOf } from './annotation';
export { type ExportRequest, exportRequestSchema } from './exportRequest';
export {
  type Export,
  type ExportUpdate,
  type OnceOnly,
  OutportBackendClient,
  type Preflight,
} from './OutportBackendClient';
export { outportExportCreatePermission, outportExportReadPermission, outportPermissions } from './permissions';
