import { Button } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import classes from '../pages/MeetingPage.module.css';
import type { Meeting } from '../types';
import { AgendaPapers } from './AgendaPapers';
import { AnswerPanel } from './AnswerPanel';
import { DevicesPanel } from './DevicesPanel';
import { FloorRecord } from './FloorRecord';
import { JoinBox } from './JoinBox';

const PdfViewer = lazy(() => import('../../../ui/pdf/PdfViewer').then((module) => ({ default: module.PdfViewer })));

interface Props {
  meeting: Meeting;
  appointmentId: string | undefined;
  paperId: string | undefined;
  onOpen: (paperId: string | undefined) => void;
}

/** The invited person's view: answer, way into the room, agenda; the chosen paper beside it. */
export function ReadView({ meeting, appointmentId, paperId, onOpen }: Props) {
  const { t } = useTranslation('meeting');
  const papers = meeting.items.flatMap((item) => item.papers);
  const paper = papers.find((p) => p.id === paperId);
  return (
    <div className={classes['read']}>
      <div className={classes['left']}>
        <AnswerPanel meeting={meeting} appointmentId={appointmentId} />
        <JoinBox meeting={meeting} />
        <AgendaPapers meeting={meeting} openPaperId={paper?.id} onOpen={onOpen} />
        <DevicesPanel meeting={meeting} />
        {meeting.state === 'closed' && <FloorRecord meeting={meeting} />}
      </div>
      <div className={cx(classes['viewer'], !paper && classes['viewerClosed'])}>
        {paper ? (
          <>
            <div className={classes['viewerHead']}>
              <Button
                className={classes['backButton'] ?? ''}
                variant="default"
                size="xs"
                leftSection={<IconChevronLeft size={16} aria-hidden />}
                onClick={() => onOpen(undefined)}
              >
                {t('paper.back')}
              </Button>
              <h2 className={classes['viewerTitle']}>{paper.name}</h2>
            </div>
            <div className={classes['viewerBody']}>
              <Suspense fallback={<SkeletonRows />}>
                <PdfViewer
                  key={`${paper.id}-${paper.revision}`}
                  url={`/api/v1/papers/${paper.id}/content?revision=${paper.revision}`}
                  name={paper.name}
                />
              </Suspense>
            </div>
          </>
        ) : (
          <p className={classes['pick']}>{t(papers.length > 0 ? 'paper.pick' : 'paper.noneYet')}</p>
        )}
      </div>
    </div>
  );
}
