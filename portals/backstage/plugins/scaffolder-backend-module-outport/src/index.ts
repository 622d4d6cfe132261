export { createExportTableAction } from './exportTable';
export { scaffolderModuleOutport as default } from './module';
