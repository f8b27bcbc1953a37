import { Link } from '@tanstack/react-router';
import type { ComponentProps, ReactElement } from 'react';
import type { WorkItem } from '../../../shared/work/api';

type Props = Omit<ComponentProps<'a'>, 'href' | 'target'> & { item: WorkItem };

/** Leads to where a piece of work is done; nothing is signed or sent from the list itself. */
export function WorkLink({ item, ...rest }: Props): ReactElement {
  switch (item.kind) {
    case 'accept':
      return <Link {...rest} to="/van-ban-den/$deliveryId" params={{ deliveryId: item.object_id }} />;
    case 'answer_invitation':
      return <Link {...rest} to="/cuoc-hop/$meetingId" params={{ meetingId: item.object_id }} />;
    case 'certificate_expires':
      return <Link {...rest} to="/quan-tri/khoa-ky" />;
    case 'sign':
      return <Link {...rest} to="/van-ban-di/$documentId/ky" params={{ documentId: item.object_id }} />;
    default:
      return <Link {...rest} to="/van-ban-di/$documentId" params={{ documentId: item.object_id }} />;
  }
}
