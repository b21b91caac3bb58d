/** The start page: what Fanfare is, that this server lives, and everything one can open or try. */
import { FanfareProvider } from '@fanfare/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { client } from './live.ts';
import { StartPage } from './start-page.tsx';
import '@fanfare/react/tokens.css';
import './start-page.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <FanfareProvider client={client}>
      <StartPage />
    </FanfareProvider>
  </StrictMode>,
);
