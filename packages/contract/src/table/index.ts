/** The door of the permission table: made from records, filtered by a query, told as a page, as Markdown and as JSON. */
export { type PageOptions, renderTable, tableContentPolicy } from "./html.ts";
export { PERMISSION_TABLE, type PermissionTableJson, tableJson } from "./json.ts";
export { tableMarkdown } from "./markdown.ts";
export { type PermissionTable, permissionTable } from "./model.ts";
export { EMPTY_QUERY, parseTableQuery, shownRows, TABLE_STATES, type TableQuery, tableQueryString } from "./query.ts";
