import { vi } from 'vitest';

// Backstage's test utilities make mocks with the global of Jest, which `vi` is compatible with.
Object.assign(globalThis, { jest: vi });
