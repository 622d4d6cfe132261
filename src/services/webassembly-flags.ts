import { setFlagsFromString } from 'node:v8';

/*
 * How V8 treats Cedar's WebAssembly. It reads this when the module is compiled, so this comes before Cedar.
 */

// V8 compiles what runs often a second time, and better. What runs at a start is compiled for nothing then: without it the
// first decision takes a third of the CPU time, and 3,000 decisions half of it (measured on Node 20, 22 and 24); only
// behind some 30,000 decisions of one process is it the same either way.
setFlagsFromString('--wasm-tiering-budget=1000000000');

// Node 20 may crash (`Deoptimizer::DoComputeBuiltinContinuation`, "unreachable code") once V8 has inlined calls into
// WebAssembly: listing 3,000 exports, each with its decision, was enough. Later versions do not know the option.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--no-turbo-inline-js-wasm-calls');
