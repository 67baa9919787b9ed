SELECT twice + 1 AS more FROM basket@draft
