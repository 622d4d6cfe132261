import '@mantine/core/styles.css';
import './styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { ConsoleConfiguration } from './api/outport.tsx';
import { App } from './app/app.tsx';

/** Without it the console works, and follows exports by asking. */
async function readConfiguration(): Promise<ConsoleConfiguration> {
  try {
    return await (await fetch('/config.json')).json();
  } catch {
    return {};
  }
}

const root = document.getElementById('root');
if (!root) throw new Error('the page has no place for the console');
createRoot(root).render(
  <StrictMode>
    <App configuration={await readConfiguration()} />
  </StrictMode>,
);
