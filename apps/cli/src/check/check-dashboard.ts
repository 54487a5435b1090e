import { asWalqError } from '@walq/wal-core/internal';
import type { Call } from '../command.ts';
import { ok, warning, type Finding, type Subject } from './finding.ts';

const subject: Subject = { check: 'dashboard', name: 'secrets' };

/** The dashboard alone reads its secrets: who checks may be another user, or in another container. */
export async function checkDashboard(call: Pick<Call, 'loadConfig'>): Promise<readonly Finding[]> {
  try {
    const { dashboard } = await call.loadConfig({ secretsOf: ['dashboard'] });
    const isNamed = dashboard.token !== undefined || dashboard.login !== undefined;
    return isNamed ? [ok(subject, 'can be read')] : [];
  } catch (error) {
    return [
      warning(
        subject,
        asWalqError(error).message,
        'Only walq dashboard reads them. If it runs as another user, run walq check as that user.',
      ),
    ];
  }
}
