SELECT evidence, min(CASE WHEN strpos(name, '/') > 0 THEN substr_index(substr_index(name, '/', -2), '/', 1) END) AS folder
FROM sources
WHERE role = 'evidence'
GROUP BY evidence
