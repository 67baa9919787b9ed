SELECT "spend@1.0".total - "spend@0.9".total AS change
FROM spend@1.0, spend@0.9
