import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../../ui/FormDialog';
import { useChangeMeeting } from '../api/commands';
import { fromInstant } from '../logic/when';
import type { Meeting } from '../types';
import { MeetingFields, type MeetingValues, meetingErrors, meetingInput } from './MeetingForm';

/** Changes title, time, place, chair and secretary. */
export function EditMeeting({ meeting, onClose }: { meeting: Meeting; onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const [values, setValues] = useState<MeetingValues>(() => ({
    title: meeting.title,
    date: fromInstant(meeting.starts_at).date,
    from: fromInstant(meeting.starts_at).time,
    to: fromInstant(meeting.ends_at).time,
    place: meeting.place,
    online: meeting.online,
    chair: meeting.chair,
    secretary: meeting.secretary,
  }));
  const [checked, setChecked] = useState(false);
  const change = useChangeMeeting(meeting, onClose);
  const errors = meetingErrors(values, new Date(0), t);
  return (
    <FormDialog
      opened
      size={760}
      title={t('edit.title')}
      verb={t('edit.save')}
      pending={change.isPending}
      error={change.error}
      onClose={onClose}
      onSubmit={() => {
        setChecked(true);
        if (Object.keys(errors).length === 0) change.mutate(meetingInput(values));
      }}
    >
      <MeetingFields values={values} errors={checked ? errors : {}} agencyId={meeting.agency_id} onChange={setValues} />
    </FormDialog>
  );
}
