import { IconAntennaBars1, IconAntennaBars5 } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DegradeStage } from '../../../media/degrade';
import { NoteLine } from './NoteLine';

/** How long it is said that all is as before, in milliseconds. */
const backFor = 6_000;

/** What the line does not bear now, and that it bears everything again. */
export function StageNote({ stage }: { stage: DegradeStage }) {
  const { t } = useTranslation('room');
  const before = useRef(stage);
  const [back, setBack] = useState(false);
  useEffect(() => {
    const rose = stage === 'full' && before.current !== 'full';
    before.current = stage;
    setBack(rose);
    if (!rose) return;
    const timer = setTimeout(() => setBack(false), backFor);
    return () => clearTimeout(timer);
  }, [stage]);
  if (stage === 'full' && !back) return null;
  return (
    <NoteLine Icon={stage === 'full' ? IconAntennaBars5 : IconAntennaBars1} testId="stage-note">
      {t(`note.stage.${stage}`)}
    </NoteLine>
  );
}
