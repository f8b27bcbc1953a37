import { IconCircleCheckFilled, IconFileText, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { phaseOf } from '../../../lib/agenda';
import { useMeetingTime } from '../logic/useMeetingTime';
import type { Meeting } from '../types';
import classes from './AgendaPapers.module.css';

interface Props {
  meeting: Meeting;
  openPaperId: string | undefined;
  onOpen: (paperId: string) => void;
}

/** The agenda to read: items with their papers; a press opens a paper beside it. */
export function AgendaPapers({ meeting, openPaperId, onOpen }: Props) {
  const { t } = useTranslation('meeting');
  const time = useMeetingTime();
  if (meeting.items.length === 0) return <p className={classes['item']}>{t('agenda.empty')}</p>;
  return (
    <ol className={classes['list']} aria-label={t('agenda.title')}>
      {meeting.items.map((item, index) => {
        const phase = phaseOf(item, meeting.current_item_id);
        return (
          <li
            key={item.id}
            className={`${classes['item']} ${phase === 'next' ? '' : classes[phase]}`}
            aria-current={phase === 'now' ? 'step' : undefined}
          >
            <div className={classes['line']}>
              {phase === 'done' && (
                <IconCircleCheckFilled size={22} color="var(--green)" aria-label={t('agenda.done')} />
              )}
              {phase === 'now' && <IconPlayerPlayFilled size={20} color="var(--accent)" aria-label={t('agenda.now')} />}
              {phase === 'next' && <span className={classes['number']}>{index + 1}</span>}
              <div>
                <div className={classes['title']}>{item.title}</div>
                <div className={classes['meta']}>
                  {[time.time(item.starts_at), t('agenda.minutes', { minutes: item.minutes }), item.presenter]
                    .filter(Boolean)
                    .join(' · ')}
                </div>
                {item.papers.length > 0 && (
                  <ul className={classes['papers']}>
                    {item.papers.map((paper) => (
                      <li key={paper.id}>
                        <button
                          type="button"
                          className={classes['paper']}
                          aria-current={paper.id === openPaperId}
                          onClick={() => onOpen(paper.id)}
                        >
                          <IconFileText size={17} stroke={1.6} aria-hidden />
                          <span>
                            <span className={classes['paperName']}>{paper.name}</span>
                            <br />
                            <span className={classes['meta']}>
                              {t('paper.revision', { n: paper.revision })} · {paper.added_by_name} ·{' '}
                              {time.at(paper.added_at)}
                            </span>
                          </span>
                        </button>
                      </li>
                    ))}
                  </ul>
                )}
              </div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
