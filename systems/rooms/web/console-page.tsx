/** The console: connect, join, send, watch frames and close codes, open many clients at once. */
import { ConnectionBadge, LanguageSwitch, ThemeSwitch, useConnectionState, useWords } from '@fanfare/react';
import { type ReactElement, useDeferredValue, useEffect, useState } from 'react';
import { client } from './live.ts';
import { BreakIt } from './parts/break-it.tsx';
import { ConnectCard } from './parts/connect-card.tsx';
import { CrowdCard } from './parts/crowd-card.tsx';
import { FrameLog } from './parts/frame-log.tsx';
import { HubCard } from './parts/hub-card.tsx';
import { TalkCard } from './parts/talk-card.tsx';
import { useConsole } from './use-console.ts';
import { words } from './words.ts';

const FIRST_ROOM = 'dashboard';
const ROOM = /^[A-Za-z0-9_-]{1,100}$/;

export function ConsolePage(): ReactElement {
  const say = useWords(words);
  const { lead, leadTakesRaw, crowd, crowdHeard, frames } = useConsole();
  const [room, setRoom] = useState(FIRST_ROOM);
  // What is being typed is no room yet: the hub is asked for the last that could be one.
  const [named, setNamed] = useState(FIRST_ROOM);
  const followed = useDeferredValue(named);
  const chooseRoom = (text: string): void => {
    setRoom(text);
    if (ROOM.test(text)) setNamed(text);
  };
  useEffect(() => {
    document.title = `${say.rooms} · Fanfare`;
  }, [say]);
  return (
    <div className="page">
      <a className="skip" href="#console">
        {say.skip}
      </a>
      <Header />
      <main id="console" className="console" tabIndex={-1}>
        <div className="console__intro">
          <h1>{say.rooms}</h1>
          <p className="muted">{say.lead}</p>
        </div>
        <ConnectCard lead={lead} />
        <TalkCard lead={lead} takesRaw={leadTakesRaw} room={room} onRoom={chooseRoom} />
        <FrameLog frames={frames} />
        <CrowdCard crowd={crowd} heard={crowdHeard} room={named} />
        <HubCard key={followed} room={followed} />
      </main>
      <BreakIt lead={lead} />
    </div>
  );
}

function Header(): ReactElement {
  const say = useWords(words);
  const connection = useConnectionState();
  return (
    <header className="top">
      <a className="top__brand" href="/">
        {say.home}
      </a>
      <div className="row top__choices">
        <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </header>
  );
}
