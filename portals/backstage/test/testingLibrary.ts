import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// Pages are loaded when they are first shown, which takes a while in a test.
configure({ asyncUtilTimeout: 20_000 });
afterEach(cleanup);

// React Aria finds options by it; jsdom does not have it.
Object.assign(globalThis, { CSS: { escape: (text: string) => text.replaceAll(/[^\w-]/g, '\\$&') } });
