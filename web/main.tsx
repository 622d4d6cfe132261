import '@mantine/core/styles.css';
import { MantineProvider, Title } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no place for the console');
createRoot(root).render(
  <StrictMode>
    <MantineProvider defaultColorScheme="auto">
      <Title>Outport</Title>
    </MantineProvider>
  </StrictMode>,
);
