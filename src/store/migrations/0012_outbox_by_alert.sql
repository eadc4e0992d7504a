-- Messages are kept for a year and more: those of an alert, and those that a route has told lately, are found without reading all.
CREATE INDEX outbox_by_alert ON outbox (alert, route);
CREATE INDEX outbox_by_route ON outbox (route, delivered_at);
