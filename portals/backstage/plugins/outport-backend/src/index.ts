export { outportPlugin as default } from './plugin';
