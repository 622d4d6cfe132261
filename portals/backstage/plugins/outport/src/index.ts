export { outportApiRef } from './api';
export { outportPlugin as default } from './plugin';
