import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, take } from '../api/client';
import { useCommand } from '../api/useCommand';
import { live } from '../live/live';
import { meKey } from './me';

/** Ends the session of this browser and forgets everything that was read. */
export function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCommand<void, unknown>({
    run: () => take(api.POST('/api/v1/sign-out')),
    onDone: () => {
      live.stop();
      client.clear();
      void navigate({ to: '/dang-nhap' });
    },
  });
}

/** Acts in another appointment from now on: nothing that the last one read may stay on the page. */
export function useChooseAppointment() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCommand({
    run: (appointmentId: string, act) =>
      take(
        api.POST('/api/v1/me/appointment', {
          params: { header: act.headers },
          body: { appointment_id: appointmentId },
        }),
      ),
    onDone: (me) => {
      live.stop();
      client.clear();
      client.setQueryData(meKey, me);
      void navigate({ to: '/' });
    },
  });
}
