import { pathToFileURL } from 'node:url';
import type { ImageTransform, TransformFactory, TransformSource } from './index.ts';

/** Makes the transform that a request names. */
export async function loadTransform({ module, options }: TransformSource): Promise<ImageTransform> {
  const loaded: { readonly default: TransformFactory } = await import(pathToFileURL(module).href);
  return loaded.default(options);
}
