/** The visitor's choices. */
import { AlertsSwitch, LanguageSwitch, ThemeSwitch, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { Demo, Sample } from './demo.tsx';
import { words } from './words.ts';

const CODE = `<LanguageSwitch />
<ThemeSwitch />
<AlertsSwitch />`;

export function ChoicesDemo(): ReactElement {
  const say = useWords(words);
  return (
    <Demo id="choices" title={say.choices} lead={say.choicesLead} code={CODE}>
      <div className="samples">
        <Sample caption={say.language}>
          <LanguageSwitch />
        </Sample>
        <Sample caption={say.theme}>
          <ThemeSwitch />
        </Sample>
        <Sample caption={say.sound}>
          <AlertsSwitch />
        </Sample>
      </div>
    </Demo>
  );
}
