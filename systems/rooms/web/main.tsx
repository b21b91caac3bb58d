/** The page begins here. */
import { FanfareProvider } from '@fanfare/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ConsolePage } from './console-page.tsx';
import { client } from './live.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <FanfareProvider client={client}>
      <ConsolePage />
    </FanfareProvider>
  </StrictMode>,
);
