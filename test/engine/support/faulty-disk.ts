type Module = Readonly<Record<string, unknown>>;

/** Calls that change the disk. Those whose name ends in `Sync` block, the others promise. */
const CALLS = ['rename', 'mkdir', 'writeSync', 'fsyncSync', 'openSync', 'linkSync', 'mkdirSync'];
const HANDLE_CALLS = ['write', 'writeFile', 'sync', 'datasync', 'truncate'];

let callsLeft = Number.POSITIVE_INFINITY;
let code = '';
let failedCall: string | undefined;

/** Lets some calls that change the disk succeed, and the one after them fail. */
export function failAfter(calls: number, failure: 'ENOSPC' | 'EIO'): void {
  callsLeft = calls;
  code = failure;
  failedCall = undefined;
}

/** Lets all calls succeed. Returns the name of the one that failed, if one did. */
export function heal(): string | undefined {
  callsLeft = Number.POSITIVE_INFINITY;
  return failedCall;
}

/** The module `node:fs` or `node:fs/promises` on a disk that fails when it is told to. */
export function onFaultyDisk(module: Module): Module {
  const faulty = withFaults(module, CALLS);
  const { open } = module;
  if (typeof open !== 'function' || 'openSync' in module) return faulty;
  return { ...faulty, open: async (...args: unknown[]) => faultyHandle(await Reflect.apply(open, module, args)) };
}

function faultyHandle(handle: object): object {
  for (const [name, call] of Object.entries(withFaults(handle, HANDLE_CALLS))) {
    Object.defineProperty(handle, name, { value: call });
  }
  return handle;
}

/** The named calls of a target, each of which may be the one to fail, and all else that it has. */
function withFaults(target: object, names: readonly string[]): Module {
  const faulty = names.flatMap((name) => {
    const call: unknown = Reflect.get(target, name);
    if (typeof call !== 'function') return [];
    const counted = (...args: unknown[]) => {
      callsLeft -= 1;
      if (callsLeft !== -1) return Reflect.apply(call, target, args);
      failedCall = name;
      const error = Object.assign(new Error(`${code}: ${name} was made to fail`), { code });
      if (name.endsWith('Sync')) throw error;
      return Promise.reject(error);
    };
    return [[name, counted] as const];
  });
  return { ...target, ...Object.fromEntries(faulty) };
}
