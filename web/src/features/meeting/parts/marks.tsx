import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconPlayerPlayFilled,
  IconSend,
  IconUserCheck,
  IconUserQuestion,
  IconUserX,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './marks.module.css';

const stateIcons = {
  draft: { Icon: IconCircleDashed, tone: 'dim' },
  convened: { Icon: IconSend, tone: 'accent' },
  live: { Icon: IconPlayerPlayFilled, tone: 'green' },
  closed: { Icon: IconCircleCheckFilled, tone: 'dim' },
  cancelled: { Icon: IconCircleXFilled, tone: 'red' },
} as const;

/** State of a meeting: shape, word and colour. */
export function MeetingStateMark({ state }: { state: string }) {
  const { t } = useTranslation('meeting');
  const { Icon, tone } = stateIcons[state as keyof typeof stateIcons] ?? stateIcons.draft;
  return (
    <span className={`${classes.mark} ${classes[tone]}`}>
      <Icon size={15} stroke={1.7} aria-hidden />
      {t(`state.${state}`)}
    </span>
  );
}

const answerIcons = {
  accepted: { Icon: IconUserCheck, tone: 'green' },
  declined: { Icon: IconUserX, tone: 'red' },
  none: { Icon: IconUserQuestion, tone: 'amber' },
} as const;

/** What an invited person has answered. `unsent`: the invitation has not gone out, so nothing can be answered yet. */
export function AnswerMark({ answer, unsent = false }: { answer: string; unsent?: boolean }) {
  const { t } = useTranslation('meeting');
  if (unsent) {
    return (
      <span className={`${classes.mark} ${classes['dim']}`}>
        <IconCircleDashed size={16} stroke={1.7} aria-hidden />
        {t('answer.unsent')}
      </span>
    );
  }
  const { Icon, tone } = answerIcons[answer as keyof typeof answerIcons] ?? answerIcons.none;
  return (
    <span className={`${classes.mark} ${classes[tone]}`}>
      <Icon size={16} stroke={1.7} aria-hidden />
      {t(`answer.${answer}`)}
    </span>
  );
}
