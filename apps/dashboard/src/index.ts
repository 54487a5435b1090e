export { runDashboard, type DashboardOptions } from './run-dashboard.ts';
